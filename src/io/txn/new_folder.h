/* SPDX-License-Identifier: ISC */
/*
 * new_folder.h: the folder that is made for a new file, where the plan says so, and goes with it. Internal to
 * applying.
 *
 * BUGS: a kill between making it and preparing the transaction leaves an empty folder.
 */
#ifndef MT_FOLDER_H
#define MT_FOLDER_H

#include "io/txn/txn.h"

/* Before the file is looked at. file->folder is from then on whether it was made here. */
int mt_folder_make(struct mt_arena *arena, struct mt_txn_file *file,
		   struct mt_error *error) MT_MUST_CHECK;
/* The file is gone: so is the folder, if it was made for it and holds nothing else. */
void mt_folder_drop(struct mt_arena *arena, const struct mt_txn_file *file);
/* Was it made for the file, and has somebody removed it with the file? */
bool mt_folder_gone(struct mt_arena *arena, const struct mt_txn_file *file);

#endif

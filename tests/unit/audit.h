/* SPDX-License-Identifier: MIT */
/*
 * Accounts of physical memory, from the outside: what the page tables of all address spaces say,
 * against what struct page and struct mm say. Written without mm/'s own walker, so that a mistake
 * there is not repeated here.
 */
#ifndef TESTS_UNIT_AUDIT_H
#define TESTS_UNIT_AUDIT_H

#include "mm/mm.h"

/*
 * `mms` are all address spaces there are (NULLs are skipped). Panics unless
 *   - every frame is mapped as often as its mapcount says, and held by its entries and its object
 *     alone (no page of a program is held by anything else between two calls)
 *   - a private page that more than one entry maps is writable through none
 *   - every private page is mapped somewhere, every page table is linked somewhere, and every page
 *     of an object is in the object
 *   - table pages count their entries right, address spaces their pages and tables
 *   - no TLB holds what the tables do not
 */
void audit_memory(struct mm *const mms[], unsigned nr);

#endif

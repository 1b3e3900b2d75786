/* What the parts of `takes` share. Each way of taking memory returns how many bytes it took; what
 * the end of a process does not give back by itself is given back by atexit(). */
#pragma once

#include <stdint.h>

/* Ends the program: status 77 where this machine or user has no such thing, else 1. */
_Noreturn void give_up(const char *what);

/* Room for `bytes`, of `folder` where the memory is a file's. */
uint64_t take_anonymous(uint64_t bytes, const char *folder);
uint64_t take_locked(uint64_t bytes, const char *folder);
uint64_t take_file(uint64_t bytes, const char *folder);
uint64_t take_sysv(uint64_t bytes, const char *folder);
uint64_t take_memfd(uint64_t bytes, const char *folder);
uint64_t take_hugetlb(uint64_t bytes, const char *folder);
uint64_t take_swapped(uint64_t bytes, const char *folder);
/* Another process takes and gives back that much, again and again, until the end. */
uint64_t take_again_and_again(uint64_t bytes, const char *folder);

uint64_t take_page_tables(uint64_t bytes, const char *folder);
uint64_t take_stacks(uint64_t bytes, const char *folder);
uint64_t take_dentries(uint64_t bytes, const char *folder);
uint64_t take_bpf_map(uint64_t bytes, const char *folder);

uint64_t take_pipes(uint64_t bytes, const char *folder);
uint64_t take_tcp(uint64_t bytes, const char *folder);
uint64_t take_packet_ring(uint64_t bytes, const char *folder);

// SPDX-License-Identifier: Apache-2.0

package main

import "syscall"

// memory bounds the address space of each process that runs here: a mutant may allocate forever.
const memory = 8 << 30 // bytes

func limitMemory() {
	_ = syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: memory, Max: memory})
}

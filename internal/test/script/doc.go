// SPDX-License-Identifier: Apache-2.0

// Package script runs golden files: what was said to a machine, and below each line what
// the machine answered.
//
//	# b announced 1 too, and is asked when a stays silent
//	at 5.5s timeout a
//	  ask b 1
//
// A line that begins with two spaces is an answer; an empty line and one that begins
// with # are the reader's; every other line is a command. A test runs the commands and
// compares; with -update it writes the answers that it got, so that a change of
// behaviour reads as a difference of texts.
//
// For tests only.
package script

// SPDX-License-Identifier: Apache-2.0

// Package params knows chains: their genesis, their fork schedule, where their nodes
// are found.
package params

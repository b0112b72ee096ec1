// SPDX-License-Identifier: Apache-2.0

// Package low is below all.
package low

// SPDX-License-Identifier: Apache-2.0

// Package place says what it is for, in another file.
package place

// SPDX-License-Identifier: Apache-2.0

// Package hidden needs no example:
//
//	it is hidden
package hidden

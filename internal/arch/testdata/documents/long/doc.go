// SPDX-License-Identifier: Apache-2.0

// Package long goes on and goes on and goes on and goes on and goes on and goes on and goes on and goes on and goes on and goes on and goes on and goes on and goes on and goes on and goes on and goes on and goes on and goes on and goes on and goes on and on.
package long

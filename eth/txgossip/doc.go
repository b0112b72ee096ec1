// SPDX-License-Identifier: Apache-2.0

// Package txgossip hears transactions.
package txgossip

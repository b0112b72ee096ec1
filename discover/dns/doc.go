// SPDX-License-Identifier: Apache-2.0

// Package dns finds nodes in lists that are published in DNS
// (https://eips.ethereum.org/EIPS/eip-1459).
package dns

// SPDX-License-Identifier: Apache-2.0

// Package cut ends without a full stop
package cut

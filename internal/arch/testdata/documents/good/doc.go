// SPDX-License-Identifier: Apache-2.0

// Package good says what it is for. More.
package good

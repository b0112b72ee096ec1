// SPDX-License-Identifier: Apache-2.0

// This is package wrong.
package wrong

// Example() is none.

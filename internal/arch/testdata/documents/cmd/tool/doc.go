// SPDX-License-Identifier: Apache-2.0

// Command tool is a program (https://example.org/a/link/that/is/as/long/as/links/are/and/that/does/not/count/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx).
package main

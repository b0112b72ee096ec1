// SPDX-License-Identifier: Apache-2.0

package main

import "example.org/fake/internal/in"

func Free() in.Hidden { return in.Hidden{} }

func main() {}

// SPDX-License-Identifier: Apache-2.0

// Package arch tests the shape of the module: which package may import which, which are pure,
// and what each must have. It holds tests only.
//
// One table (table_test.go) has a row for each package: path, layer, purity, and the packages
// that it uses. A new package is one row. Imports point down: values and machines (L0, L1) of a
// lower layer are free to all, any other package is named in the row that uses it. Roles never
// import each other. A pure package has no goroutine, clock, socket, file or randomness of its
// own: time is an argument, randomness an io.Reader.
//
// The tests read the source with go/parser, build tags ignored, and what packages export from
// the compiler's export data. Trees of testdata, each with its own go.mod, show that every rule
// bites.
package arch

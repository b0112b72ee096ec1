// SPDX-License-Identifier: Apache-2.0

package main

import "errors"

const release = "0.1.0"

// newNode builds the node that the settings describe.
func newNode(settings) (node, error) { return nil, failure{errors.New("there is no node yet")} }

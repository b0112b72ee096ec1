// SPDX-License-Identifier: Apache-2.0

package awake

import (
	"testing"
	"testing/synctest"
	"time"

	"example.org/fake/internal/test/bubble"
)

func TestGood(t *testing.T) {
	bubble.Test(t, func(*testing.T) { time.Sleep(time.Second) })
}

func TestOutside(t *testing.T) {
	bubble.Test(t, func(*testing.T) {})
	time.Sleep(time.Second)
}

func TestOther(t *testing.T) {
	synctest.Test(t, func(*testing.T) { helper() })
}

func helper() { time.Sleep(time.Second) }

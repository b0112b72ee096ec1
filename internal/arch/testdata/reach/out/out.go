// SPDX-License-Identifier: Apache-2.0

package out

import (
	"iter"

	"example.org/fake/internal/in"
)

func Result() (int, in.Hidden) { return 0, in.Hidden{} }

func Param(...map[string][]*in.Hidden) {}

func Seq() iter.Seq[chan in.Hidden] { return nil }

func Constraint[D in.Doer](D) {}

func Func(func(in.Hidden)) {}

var Var in.Hidden

type Alias = in.Hidden

type Key map[in.Hidden]int

type Struct struct {
	Public  in.Hidden
	private in.Hidden
	Inner   struct{ Deep [3]in.Hidden }
	Fine    *Struct
}

func (s *Struct) Method() in.Doer { return nil }

func (s *Struct) method() in.Doer { return nil }

type Embeds struct{ in.Hidden }

type embedded struct{}

func (embedded) Promoted(in.Hidden) {}

type Promotes struct{ embedded }

type Interface interface {
	Do(in.Hidden)
	do(in.Hidden)
}

type Union interface{ ~int | []in.Hidden }

type Generic[T in.Doer] struct{ t T }

type Loop struct{ Next *Loop }

type Tree interface{ Left() Tree }

func private() in.Hidden { return in.Hidden{} }

type hidden struct{ H in.Hidden }

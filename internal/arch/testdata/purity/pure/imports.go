// SPDX-License-Identifier: Apache-2.0

package pure

import (
	_ "context"
	_ "crypto/rand"
	_ "log"
	_ "log/slog"
	_ "math/rand"
	_ "math/rand/v2"
	_ "net"
	_ "net/http"
	_ "net/netip"
	_ "os"
	_ "os/exec"
	_ "os/signal"
	_ "reflect"
	_ "sync"
	_ "syscall"
	_ "unsafe"
)

// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// httpClient returns a client for untrusted devices in our network: it uses no proxy, follows no
// redirection, keeps no connection, and reads a bounded body.
func httpClient() *http.Client {
	return &http.Client{
		Transport:     small{&http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeader}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// small bounds bodies, and makes errors plain before goupnp turns them into text.
type small struct{ http.RoundTripper }

func (s small) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := s.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, plain(err)
	}
	answer.Body = cut{io.LimitReader(answer.Body, maxXML), answer.Body}
	return answer, nil
}

type cut struct {
	io.Reader
	io.Closer
}

// get returns the body at a URL.
func get(ctx context.Context, u *url.URL) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	answer, err := httpClient().Do(request)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err
		}
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("it answers with HTTP status %d", answer.StatusCode)
	}
	return answer.Body, nil
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

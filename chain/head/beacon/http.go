// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// fetch asks for one answer: at most limit bytes, after decompression, within the time limit.
func fetch(ctx context.Context, c *http.Client, address string, limit int64, patience time.Duration) answer {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no whole answer within %v", patience))
	defer cancel()
	res, err := get(ctx, c, address, "application/json")
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	date, _ := http.ParseTime(res.Header.Get("Date"))
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		err = cause(ctx, err)
	case res.StatusCode != http.StatusOK:
		err = fmt.Errorf("status %s: %s", res.Status, short(body))
	case int64(len(body)) > limit:
		err = fmt.Errorf("an answer of more than %d bytes", limit)
	}
	return answer{body: body, date: date, err: err}
}

func get(ctx context.Context, c *http.Client, address, accept string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("not a URL")
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", "ethpeer")
	res, err := c.Do(req)
	if err != nil {
		return nil, cause(ctx, err)
	}
	return res, nil
}

// cause returns why a request failed, without the URL, which may contain a key.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// short returns the beginning of a text.
func short(b []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(b), []byte("\n"))
	return fmt.Sprintf("%.120q", line)
}

// readEvents hands on the data of each server-sent event until the body ends. An event of more than maxAnswer bytes is an error
// (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation).
func readEvents(body io.Reader, take func(data []byte)) error {
	in := bufio.NewScanner(body)
	in.Buffer(nil, maxAnswer)
	var data []byte
	for in.Scan() {
		line := in.Bytes()
		switch {
		case len(line) == 0:
			if len(data) > 0 {
				take(data)
			}
			data = nil
		case bytes.HasPrefix(line, []byte("data:")):
			value := bytes.TrimPrefix(line[len("data:"):], []byte(" "))
			if len(data)+len(value) >= maxAnswer {
				return fmt.Errorf("an event of more than %d bytes", maxAnswer)
			}
			if data != nil {
				data = append(data, '\n')
			}
			data = append(data, value...)
		}
	}
	return in.Err()
}

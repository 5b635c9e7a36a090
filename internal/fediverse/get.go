package fediverse

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// answer is a whole answer of discovery with a status of 2xx.
type answer struct {
	url  *url.URL // after redirects
	body []byte
}

// get asks politely. An error is one of the four of errors.go, or an AnswerError.
func (c *Client) get(ctx context.Context, rawURL, accept string, limit int64, follow redirects) (answer, error) {
	resp, err := c.open(ctx, http.MethodGet, rawURL, accept, nil, follow)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := readAll(resp.Request.URL.Hostname(), resp.Body, limit)
	return answer{resp.Request.URL, body}, err
}

// postForm sends a form politely and returns the body of a 2xx. It follows no
// redirect: forms hold secrets.
func (c *Client) postForm(ctx context.Context, rawURL string, form url.Values) ([]byte, error) {
	ctx = withTimeLimit(ctx, c.o.SlowTimeout)
	resp, err := c.open(ctx, http.MethodPost, rawURL, "application/json", strings.NewReader(form.Encode()), nowhere)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return readAll(resp.Request.URL.Hostname(), resp.Body, maxDiscovery)
}

func (c *Client) open(ctx context.Context, method, rawURL, accept string, body io.Reader, follow redirects) (*http.Response, error) {
	req, err := http.NewRequestWithContext(withRedirects(ctx, follow), method, rawURL, body)
	if err != nil {
		return nil, local("", err)
	}
	host := req.URL.Hostname()
	req.Header.Set("Accept", accept)
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := c.polite.Do(req)
	if err != nil {
		return nil, plainError(host, err)
	}
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		return resp, nil
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxError))
	return nil, refusal(resp.Request.URL.Hostname(), resp.StatusCode, text)
}

// plainError takes our own error out of what http.Client wraps around it: its
// text would repeat the whole URL. An error that is not ours arose before the
// transport was asked.
func plainError(host string, err error) error {
	var (
		not     *NotSentError
		limited *RateLimitError
		unknown *UnknownError
		answer  *AnswerError
	)
	switch {
	case errors.As(err, &not):
		return not
	case errors.As(err, &limited):
		return limited
	case errors.As(err, &unknown):
		return unknown
	case errors.As(err, &answer):
		return answer
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if host == "" {
		host = "server"
	}
	// A Location that does not parse, for one.
	return &AnswerError{host, oneLine(err.Error(), 200)}
}

// Get reads url through the guarded and budgeted chain: at most limit bytes,
// at most 3 redirects, to any public host. An answer other than 2xx is an error.
func (c *Client) Get(ctx context.Context, url, accept string, limit int64) ([]byte, error) {
	a, err := c.get(ctx, url, accept, limit, anyHost)
	return a.body, err
}

// GetStream is Get for answers that are too large or too slow for memory and
// the usual time limit: only ctx limits it. Reading beyond limit bytes fails.
// The host's place among those asked at once is held until Close.
func (c *Client) GetStream(ctx context.Context, url, accept string, limit int64) (io.ReadCloser, error) {
	resp, err := c.open(withTimeLimit(ctx, -time.Second), http.MethodGet, url, accept, nil, anyHost)
	if err != nil {
		return nil, err
	}
	return &cappedBody{ReadCloser: resp.Body, left: limit, host: resp.Request.URL.Hostname()}, nil
}

type cappedBody struct {
	io.ReadCloser
	left int64
	host string
}

func (b *cappedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		return int(b.left), &AnswerError{b.host, "the answer is too large"}
	}
	b.left -= int64(n)
	return n, err
}

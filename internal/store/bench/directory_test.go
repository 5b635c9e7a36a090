package bench_test

import (
	"context"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// listed is a row of profile directories; every hundredth names a handle of the
// first People.
func listed(i int) store.DirectoryAccount {
	host := fmt.Sprintf("server%d.example", i%300)
	r := store.DirectoryAccount{
		Handle: fmt.Sprintf("listed%d", i), Address: model.Address{User: fmt.Sprintf("user%d", i), Host: host}, Host: host,
		RemoteID: fmt.Sprint(109_000_000_000_000_000 + i), Text: fmt.Sprintf("On Twitter: https://twitter.com/listed%d", i), ReadAt: time.Now(),
	}
	if i%100 == 0 {
		r.Handle = person(i / 100).Handle.Name
	}
	return r
}

// fillDirectories keeps so many rows, as pages of one server bring them.
func fillDirectories(ctx context.Context, d *database, n int) error {
	if err := d.AddCrawls(ctx, []string{"server.example"}); err != nil {
		return err
	}
	lease, err := d.LeaseCrawl(ctx, "server.example", time.Hour)
	if err != nil {
		return err
	}
	for part := range parts(n, 5000, listed) {
		if _, err := lease.Save(ctx, nil, part); err != nil {
			return err
		}
	}
	return nil
}

// lookUp asks for the rows of 5,000 handles and for opt-outs of as many addresses.
func lookUpDirectory(ctx context.Context, d *database) error {
	var handles []string
	var addresses []model.Address
	for i := range 5000 {
		handles = append(handles, person(i).Handle.Name)
		addresses = append(addresses, listed(i).Address)
	}
	found, err := d.DirectoryAccounts(ctx, handles)
	if err == nil && len(found) != 2000 {
		err = fmt.Errorf("%d handles found, want 2000", len(found))
	}
	if err != nil {
		return err
	}
	_, err = d.OptedOut(ctx, addresses)
	return err
}

package store

import (
	"context"
	"fmt"

	"github.com/skein-migrate/skein/internal/store/db"
)

// ListMember is somebody whom the Owner wants in a list.
type ListMember struct {
	List   string `json:"list"`   // the title
	Member string `json:"member"` // a handle, a numeric Twitter id or an address
}

// SetListMembers keeps who is to be in the Move's lists, instead of all that
// was kept before.
func (s *Store) SetListMembers(ctx context.Context, move string, members []ListMember) error {
	err := s.tx(ctx, func(q *db.Queries) error {
		if err := q.DeleteListMembers(ctx, move); err != nil {
			return err
		}
		for _, m := range members {
			if err := q.AddListMember(ctx, move, withoutNUL(m.List), withoutNUL(m.Member)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("lists of move %s: %w", move, err)
	}
	return nil
}

// ListMembers returns who is to be in the Move's lists, list by list.
func (s *Store) ListMembers(ctx context.Context, move string) ([]ListMember, error) {
	rows, err := s.r().ListMembers(ctx, move)
	if err != nil {
		return nil, fmt.Errorf("lists of move %s: %w", move, err)
	}
	members := make([]ListMember, len(rows))
	for i, row := range rows {
		members[i] = ListMember{List: row.List, Member: row.Member}
	}
	return members, nil
}

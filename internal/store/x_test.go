package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// All processes together ask X no more often than a day allows.
func TestTakeX(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		var mu sync.Mutex
		var wait sync.WaitGroup
		got := 0
		for range 8 {
			wait.Go(func() {
				for {
					n, err := f.TakeX(f.ctx, 50, 330)
					if err != nil {
						t.Error(err)
					}
					if n == 0 || err != nil {
						return
					}
					mu.Lock()
					got += n
					mu.Unlock()
				}
			})
		}
		wait.Wait()
		if got != 330 {
			t.Errorf("%d were taken, want 330", got)
		}
		if err := f.GiveBackX(f.ctx, 20); err != nil {
			t.Fatal(err)
		}
		if n := must(f.TakeX(f.ctx, 50, 330))(t); n != 20 {
			t.Errorf("of 20 that were given back, %d were taken", n)
		}
		f.advance(24 * time.Hour)
		if n := must(f.TakeX(f.ctx, 50, 330))(t); n != 50 {
			t.Errorf("on the next day %d were taken, want 50", n)
		}
		if err := f.Tidy(f.ctx, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if n := must(f.TakeX(f.ctx, 300, 330))(t); n != 280 {
			t.Errorf("after tidying %d were taken, want the 280 that are left", n)
		}
	})
}

func TestAskedX(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		if err := f.SavePeople(f.ctx, f.move.ID, []model.Person{{TwitterID: "12"}, {TwitterID: "13"}}); err != nil {
			t.Fatal(err)
		}
		var people []model.Person
		for p, err := range f.People(f.ctx, f.move.ID) {
			if err != nil {
				t.Fatal(err)
			}
			people = append(people, p)
		}
		// One of them was deleted while X was asked.
		if err := f.SetAskedX(f.ctx, append(people[:1:1], model.Person{ID: "gone"})); err != nil {
			t.Fatal(err)
		}
		left := must(f.NotAskedX(f.ctx, people, f.now().Add(-time.Hour)))(t)
		if len(left) != 1 || left[0].TwitterID != "13" {
			t.Errorf("not asked about: %+v", left)
		}
		f.advance(2 * time.Hour)
		if left := must(f.NotAskedX(f.ctx, people, f.now().Add(-time.Hour)))(t); len(left) != 2 {
			t.Errorf("later: %+v", left)
		}
	})
}

package importer_test

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/core/file"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
)

// A process that dies when the file is stored and the draft is not leaves a note, by which the file is removed.
func TestLostUploadsArePurged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		lose := func(age time.Duration) {
			if _, err := h.files.CreateNoted(boss(), "lost.csv", strings.NewReader("Name\nLost\n"), file.Limits{}, func(tx *db.Tx, f file.File) error {
				_, err := tx.Exec("INSERT INTO import_uploads (file_id, created_at) VALUES ($1, $2)", f.ID, clock.Micros(clock.System{}.Now().Add(-age)))
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		lose(2 * time.Hour)
		lose(time.Minute) // perhaps its process is about to make the draft
		kept := h.upload(t, "kept.csv", []byte("Name\nKept\n"))
		if _, err := h.Upload(boss(), "refused.csv", "planets", strings.NewReader("Name\nRefused\n")); err == nil {
			t.Error("a foreign target was taken")
		}
		if n := h.number(t, "SELECT COUNT(*) FROM import_uploads"); n != 2 {
			t.Errorf("%d uploads are noted, want the two lost ones", n)
		}
		n, err := h.Purge(boss(), 24*time.Hour)
		if err != nil || n != 1 {
			t.Errorf("%d purged, %v", n, err)
		}
		if n := h.number(t, "SELECT COUNT(*) FROM files WHERE state = 'sealed'"); n != 2 {
			t.Errorf("%d files are left, want the draft's and the young one", n)
		}
		if m := h.start(t).run(t, kept); m.Report().Create != 1 {
			t.Errorf("the kept one: %+v", m.Report())
		}
	})
}

package throwaway

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

var (
	postgresOnce sync.Once
	postgresPort string
	postgresErr  error
	databases    atomic.Int64
)

// Postgres returns the URL of a new, empty database. All databases of a test
// binary are on one server.
func Postgres(t testing.TB) string {
	t.Helper()
	initdb, ok := find("initdb")
	if !ok {
		missing(t, "PostgreSQL (initdb)")
	}
	postgres, ok := find("postgres")
	if !ok {
		missing(t, "PostgreSQL (postgres)")
	}
	postgresOnce.Do(func() { postgresPort, postgresErr = startPostgres(initdb, postgres) })
	if postgresErr != nil {
		t.Fatal(postgresErr)
	}
	name := fmt.Sprintf("test%d", databases.Add(1))
	conn, err := pgx.Connect(context.Background(), postgresURL(postgresPort, "postgres"))
	if err != nil {
		t.Fatalf("connect to the throw-away PostgreSQL: %v", err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), "CREATE DATABASE "+name); err != nil {
		t.Fatalf("create database: %v", err)
	}
	return postgresURL(postgresPort, name)
}

func postgresURL(port, database string) string {
	return "postgres://skein@127.0.0.1:" + port + "/" + database + "?sslmode=disable"
}

// startPostgres makes a cluster that trusts loopback and keeps nothing safe.
func startPostgres(initdb, postgres string) (port string, err error) {
	dir, err := os.MkdirTemp("", "skein-postgres-")
	if err != nil {
		return "", err
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			return "", err
		}
	}
	data := filepath.Join(dir, "data")
	make := exec.Command(initdb, "-D", data, "-U", "skein", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	make.SysProcAttr, make.Dir = credential(), dir
	if out, err := make.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, out)
	}
	if port, err = freePort(); err != nil {
		return "", err
	}
	cmd := exec.Command(postgres, "-D", data, "-p", port, "-k", dir, "-h", "127.0.0.1",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200")
	cmd.SysProcAttr, cmd.Dir = credential(), dir
	_, err = start(cmd, dir, syscall.SIGINT, func() error { // fast shutdown
		conn, err := pgx.Connect(context.Background(), postgresURL(port, "postgres"))
		if err == nil {
			err = conn.Close(context.Background())
		}
		return err
	})
	return port, err
}

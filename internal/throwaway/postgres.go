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
	initdb, postgres := postgresPrograms(t)
	postgresOnce.Do(func() {
		if postgresPort, postgresErr = freePort(); postgresErr == nil {
			postgresErr = startShared(initdb, postgres)
		}
	})
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

// PostgresServer starts a PostgreSQL for one test; its URL is that of an empty
// database. It takes some seconds: a test that stops no server uses Postgres.
func PostgresServer(t testing.TB) *Server {
	t.Helper()
	initdb, postgres := postgresPrograms(t)
	dir, err := newCluster(initdb)
	if err != nil {
		t.Fatal(err)
	}
	port, err := keptPort()
	if err != nil {
		t.Fatal(err)
	}
	return newServer(t, postgresURL(port, "postgres"), func() (*server, error) { return startPostgres(postgres, dir, port) })
}

func postgresPrograms(t testing.TB) (initdb, postgres string) {
	t.Helper()
	initdb, ok := find("initdb")
	if !ok {
		missing(t, "PostgreSQL (initdb)")
	}
	if postgres, ok = find("postgres"); !ok {
		missing(t, "PostgreSQL (postgres)")
	}
	return initdb, postgres
}

func startShared(initdb, postgres string) error {
	dir, err := newCluster(initdb)
	if err != nil {
		return err
	}
	_, err = startPostgres(postgres, dir, postgresPort)
	return err
}

func postgresURL(port, database string) string {
	return "postgres://skein@127.0.0.1:" + port + "/" + database + "?sslmode=disable"
}

// newCluster makes a cluster that trusts loopback and returns the directory
// that holds it.
func newCluster(initdb string) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "skein-postgres-"); err != nil {
		return "", err
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			return "", err
		}
	}
	cmd := exec.Command(initdb, "-D", filepath.Join(dir, "data"), "-U", "skein", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	cmd.SysProcAttr, cmd.Dir = credential(), dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, out)
	}
	return dir, nil
}

// startPostgres serves a cluster, without care for what a power cut would do.
func startPostgres(postgres, dir, port string) (*server, error) {
	cmd := exec.Command(postgres, "-D", filepath.Join(dir, "data"), "-p", port, "-k", dir, "-h", "127.0.0.1",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200")
	cmd.SysProcAttr, cmd.Dir = credential(), dir
	return start(cmd, dir, syscall.SIGINT, func() error { // fast shutdown
		conn, err := pgx.Connect(context.Background(), postgresURL(port, "postgres"))
		if err == nil {
			err = conn.Close(context.Background())
		}
		return err
	})
}

// Command skein moves people from Twitter/X to the fediverse. One program: the
// service, its parts, and the same stages as verbs for the command line. This
// package is wiring only.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/skein-migrate/skein/internal/model"
)

// version is set by the build.
var version = "dev"

// commands are the verbs. Every verb prints what is for machines on stdout and
// everything else on stderr, and exits non-zero with one line when it fails.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Run the whole service in one process."`
	API     apiCommand     `cmd:"" name:"api" help:"Serve pages and API only; workers do the jobs."`
	Worker  workerCommand  `cmd:"" help:"Do background jobs only."`
	Demo    demoCommand    `cmd:"" help:"Run the service with a simulated fediverse and a sample archive."`
	Migrate migrateCommand `cmd:"" help:"Bring the database's tables up to date."`
	Health  healthCommand  `cmd:"" help:"Ask a running service whether it is ready."`

	Inspect   inspectCommand   `cmd:"" help:"Show what is in a Twitter archive. No network."`
	Find      findCommand      `cmd:"" help:"Find the people of an archive or a list on the fediverse."`
	Posts     postsCommand     `cmd:"" help:"Show how the tweets of an archive would be posted. Posts nothing."`
	Addresses addressesCommand `cmd:"" help:"Find fediverse addresses in profiles, given as JSON lines on standard input. No network."`
	Sample    sampleCommand    `cmd:"" help:"Write a made-up Twitter archive."`
	Directory directoryCommand `cmd:"" help:"Fill the directory index."`

	Version versionCommand `cmd:"" help:"Print the version."`
}

type versionCommand struct{}

func (versionCommand) Run() error {
	_, err := fmt.Println(version)
	return err
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	signal.Ignore(syscall.SIGPIPE) // or "skein posts | head" would leave what it unpacked behind
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run does what args say and returns the exit code: 0, 1 for a failure, 2 for
// words that make no sense, 130 when interrupted, 141 when nobody reads on.
func run(ctx context.Context, args []string) int {
	var c commands
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("skein"),
		kong.Description("Skein moves people from Twitter/X to Mastodon and the fediverse, with the people they follow."),
		kong.UsageOnError(),
		kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		fmt.Fprintln(os.Stderr, "skein:", err)
		return 1
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 { // --help
		return exit
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "skein: %v; see skein --help\n", err)
		return 2
	}
	err = parsed.Run()
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "skein: interrupted")
		return 130
	case readNoMore(err):
		return 141
	}
	fmt.Fprintln(os.Stderr, "skein:", oneLine(err))
	return 1
}

// readNoMore tells whether err says that whoever read our stdout has gone, as
// head does when it has enough.
func readNoMore(err error) bool {
	var write *fs.PathError
	return errors.As(err, &write) && write.Path == os.Stdout.Name() && errors.Is(write, syscall.EPIPE)
}

// oneLine is an error as one line for people: the kinds at its end, which only
// programs need, are left out.
func oneLine(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	for _, kind := range []error{model.ErrInvalid, model.ErrNotFound, model.ErrDenied, model.ErrConflict} {
		if errors.Is(err, kind) {
			text = strings.TrimSuffix(text, ": "+kind.Error())
		}
	}
	return text
}

// Referee: does keyward accept what gitleaks accepts?
//
//	referee KEYWARD REPOSITORY...     a line of a table for each
//
// A REPOSITORY is a git repository, bare or not, or a folder, with a config of gitleaks at its top. Into copies of its
// paths keys are planted that never were anybody's; gitleaks, with that config read by its own loader, and keyward decide
// over the same files. Nothing is fetched, and nothing is written but below a temporary folder.
package main

import (
	"fmt"
	"os"

	"github.com/rs/zerolog"
	"github.com/zricethezav/gitleaks/v8/logging"
)

func main() {
	if len(os.Args) > 3 && os.Args[1] == "--judge" {
		// One config a process: gitleaks counts in a global how deep configs extend each other.
		judge(os.Args[2], os.Args[3])
		return
	}
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: referee KEYWARD REPOSITORY...")
		os.Exit(2)
	}
	fmt.Println("| config | allowlists | planted | accepted by both | reported by both | different | why |")
	fmt.Println("|---|---|---|---|---|---|---|")
	failed := false
	for _, repository := range os.Args[2:] {
		row, err := compare(os.Args[1], repository)
		if err != nil {
			fmt.Fprintf(os.Stderr, "referee: %s: %v\n", repository, err)
			failed = true
			continue
		}
		fmt.Println(row)
	}
	if failed {
		os.Exit(2)
	}
}

func init() {
	logging.Logger = logging.Logger.Level(zerolog.Disabled)
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintf(os.Stderr, "referee: %v\n", err)
		os.Exit(2)
	}
	return value
}

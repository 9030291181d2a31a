package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

// The names that a config may have, the likeliest first.
var names = []string{
	".gitleaks.toml", ".betterleaks.toml", "gitleaks.toml", ".gitleaks.repo.toml", ".github/linters/.gitleaks.toml",
	"scripts/config/gitleaks.toml", ".config/gitleaks.toml", "config/gitleaks.toml",
}

// A Repository to be looked at: its files by name, and the content of those that matter.
type Repository struct {
	name, config string
	paths        []string
	content      func(path string) ([]byte, error)
}

func open(folder string) (Repository, error) {
	repository := Repository{name: filepath.Base(folder)}
	if repository.name == "repo" {
		repository.name = strings.Replace(filepath.Base(filepath.Dir(folder)), "+", "/", 1)
	}
	listed, err := exec.Command("git", "-C", folder, "ls-tree", "-r", "-z", "--name-only", "HEAD").Output()
	if err == nil {
		repository.paths = strings.Split(strings.TrimRight(string(listed), "\x00"), "\x00")
		repository.content = func(path string) ([]byte, error) {
			return exec.Command("git", "-C", folder, "cat-file", "blob", "HEAD:"+path).Output()
		}
	} else {
		err = filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				relative, _ := filepath.Rel(folder, path)
				repository.paths = append(repository.paths, filepath.ToSlash(relative))
			}
			return err
		})
		repository.content = func(path string) ([]byte, error) { return os.ReadFile(filepath.Join(folder, path)) }
		if err != nil {
			return repository, err
		}
	}
	for _, name := range names {
		if contains(repository.paths, name) {
			repository.config = name
			return repository, nil
		}
	}
	return repository, fmt.Errorf("no config of gitleaks")
}

// A row of the table.
func compare(keyward, folder string) (string, error) {
	repository, err := open(folder)
	if err != nil {
		return "", err
	}
	work := must(os.MkdirTemp("", "referee-"))
	defer os.RemoveAll(work)
	var total Tally
	var judged Judgement
	title := repository.name
	if repository.config != ".gitleaks.toml" {
		title += " `" + repository.config + "`"
	}
	for _, kind := range []string{"ids", "secrets"} {
		tree := filepath.Join(work, kind)
		must(0, os.MkdirAll(tree, 0o755))
		must(0, exec.Command("git", "init", "--quiet", tree).Run())
		config := filepath.Join(tree, ".gitleaks.toml")
		if repository.config == ".betterleaks.toml" {
			config = filepath.Join(tree, ".betterleaks.toml")
		}
		must(0, os.WriteFile(config, must(repository.content(repository.config)), 0o644))
		for _, path := range repository.paths {
			if path == ".gitleaksignore" || strings.HasSuffix(path, "leaks.toml") && path != repository.config {
				full := filepath.Join(tree, filepath.FromSlash(path))
				must(0, os.MkdirAll(filepath.Dir(full), 0o755))
				must(0, os.WriteFile(full, must(repository.content(path)), 0o644))
			}
		}
		said, err := said(config)
		if err != nil {
			return fmt.Sprintf("| %s | - | - | - | - | - | gitleaks does not read it: %s |", title, oneLine(err.Error())), nil
		}
		planted := plant(tree, kind, pathsToPlant(repository.paths, said.paths), said)
		if judged, err = judgedBy(config, tree); err != nil {
			return fmt.Sprintf("| %s | - | - | - | - | - | gitleaks does not start with it: %s |", title, oneLine(err.Error())), nil
		}
		seen, err := keywardSees(keyward, tree)
		if err != nil {
			return "", err
		}
		total.add(planted, judged.Verdicts, seen)
	}
	var why []string
	if judged.Rules == 0 {
		why = append(why, "it keeps no rule for AWS, so gitleaks itself looks for none")
	}
	note := func(count int, words string) {
		if count > 0 {
			why = append(why, fmt.Sprintf("%d %s", count, words))
		}
	}
	note(total.builtIn, "more pass by gitleaks' built-in lists")
	note(total.dismissed, "no finding of keyward (placeholders)")
	note(total.unseen, "no finding of gitleaks")
	note(total.pairs, "go with the secret beside them")
	for _, difference := range total.different {
		fmt.Fprintln(os.Stderr, title, difference)
	}
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %s |", title, judged.Allowlists, total.planted,
		total.accepted, total.reported, len(total.different), strings.Join(why, "; ")), nil
}

// A Tally of decisions.
type Tally struct {
	planted, accepted, reported int
	// Seen by one of the two only, so that there is nothing to compare.
	dismissed, unseen int
	// Key IDs that go with the secret beside them, which gitleaks does not join.
	pairs     int
	builtIn   int
	different []string
}

// A place of a value, and what keyward makes of it.
type (
	spot struct {
		path         string
		line, column int
	}
	ours struct {
		decision string
		// Is it the key ID of a pair, which goes with its secret?
		goesWithSecret bool
	}
)

func (tally *Tally) add(planted []Planted, verdicts []Verdict, seen map[spot]ours) {
	onLine := map[spot][]Verdict{}
	for _, verdict := range verdicts {
		at := spot{verdict.Path, verdict.Line, 0}
		onLine[at] = append(onLine[at], verdict)
	}
	for _, one := range planted {
		tally.planted++
		found, reported, reportedByAll := false, false, false
		for _, verdict := range onLine[spot{one.path, one.line, 0}] {
			// What a rule calls the secret may be a part of it.
			if strings.Contains(one.value, verdict.Secret) || strings.Contains(verdict.Secret, one.value) {
				found, reported = true, reported || verdict.Reported
				reportedByAll = reportedByAll || verdict.ReportedByAll
			}
		}
		ours := seen[spot{one.path, one.line, one.column}]
		if reported && !reportedByAll {
			tally.builtIn++
		}
		switch {
		case ours.decision == "":
			tally.dismissed++
		case !found:
			tally.unseen++
		case reported == (ours.decision == "reported"):
			if reported {
				tally.reported++
			} else {
				tally.accepted++
			}
		case ours.goesWithSecret:
			tally.pairs++
		default:
			what := "gitleaks accepts, keyward reports"
			if reported {
				what = "gitleaks reports, keyward accepts: " + ours.decision
			}
			tally.different = append(tally.different, fmt.Sprintf("%s:%d %s", one.path, one.line, what))
		}
	}
	sort.Strings(tally.different)
}

func judgedBy(config, tree string) (Judgement, error) {
	var judgement Judgement
	command := exec.Command(must(os.Executable()), "--judge", config, tree)
	var errors bytes.Buffer
	command.Stderr = &errors
	output, err := command.Output()
	if err != nil {
		return judgement, fmt.Errorf("%s", errors.String())
	}
	return judgement, json.Unmarshal(output, &judgement)
}

// What keyward makes of each place: `reported`, or what accepts it.
func keywardSees(keyward, tree string) (map[spot]ours, error) {
	command := exec.Command(keyward, "scan", "--quiet", "--format", "jsonl")
	command.Dir = tree
	var errors bytes.Buffer
	command.Stderr = &errors
	output, err := command.Output()
	if exit, is := err.(*exec.ExitError); err != nil && (!is || exit.ExitCode() > 1) {
		return nil, fmt.Errorf("keyward: %v: %s", err, errors.String())
	}
	seen := map[spot]ours{}
	lines := bufio.NewScanner(bytes.NewReader(output))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var finding struct {
			Type, Rule   string
			SuppressedBy *string `json:"suppressed_by"`
			Locations    []struct {
				Path, Part   string
				Line, Column int
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &finding); err != nil {
			return nil, err
		}
		if finding.Type != "finding" {
			continue
		}
		decision := "reported"
		if finding.SuppressedBy != nil {
			decision = *finding.SuppressedBy
		}
		for _, location := range finding.Locations {
			goes := finding.Rule == "aws-access-key" && location.Part == "key_id"
			seen[spot{location.Path, location.Line, location.Column}] = ours{decision, goes}
		}
	}
	return seen, lines.Err()
}

func oneLine(text string) string {
	text = strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", "\\|")
	if len(text) > 160 {
		text = text[:160] + "..."
	}
	return "`" + strings.ReplaceAll(text, "`", "'") + "`"
}

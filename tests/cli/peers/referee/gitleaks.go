package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/report"
)

// A Verdict is what gitleaks does with a value at a place.
type Verdict struct {
	Path, Rule, Secret string
	Line               int
	// Reported with the allowlists that the config has itself, and with those that gitleaks brings, too.
	Reported, ReportedByAll bool
}

// A Judgement is what gitleaks makes of a tree.
type Judgement struct {
	// Rules of gitleaks for AWS that the config keeps; none means that gitleaks looks for no key of AWS at all.
	Rules      int
	Allowlists int
	Verdicts   []Verdict
}

// The rules that find something of AWS.
var rulesForAws = []string{
	"aws-access-token", "aws-amazon-bedrock-api-key-long-lived", "aws-amazon-bedrock-api-key-short-lived",
	"generic-api-key", "private-key",
}

// The config at path, as gitleaks itself reads it.
func load(path string) (config.Config, error) {
	viper.Reset()
	viper.SetConfigType("toml")
	viper.SetConfigFile(path)
	if err := viper.ReadInConfig(); err != nil {
		return config.Config{}, err
	}
	var read config.ViperConfig
	if err := viper.Unmarshal(&read); err != nil {
		return config.Config{}, err
	}
	return translate(&read)
}

// What gitleaks cannot compile makes it panic.
func translate(read *config.ViperConfig) (result config.Config, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("gitleaks panics: %v", cause)
		}
	}()
	return read.Translate()
}

func builtIn() config.Config {
	viper.Reset()
	viper.SetConfigType("toml")
	must(0, viper.ReadConfig(strings.NewReader(config.DefaultConfig)))
	var read config.ViperConfig
	must(0, viper.Unmarshal(&read))
	return must(read.Translate())
}

// Prints what gitleaks makes of the tree in the working directory.
func judge(configPath, tree string) {
	must(0, os.Chdir(tree))
	standard := builtIn()
	own, err := load(configPath)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	judgement := Judgement{Allowlists: len(own.Allowlists)}
	theirs := map[string]bool{}
	for _, allowlist := range standard.Allowlists {
		theirs[identity(allowlist)] = true
	}
	for id, rule := range standard.Rules {
		for _, allowlist := range rule.Allowlists {
			theirs[id+identity(allowlist)] = true
		}
	}
	for _, id := range rulesForAws {
		if _, has := own.Rules[id]; has {
			judgement.Rules++
		} else if !contains(own.Extend.DisabledRules, id) {
			rule := standard.Rules[id]
			rule.Allowlists = nil
			own.Rules[id] = rule
			for _, keyword := range rule.Keywords {
				own.Keywords[keyword] = struct{}{}
			}
		}
	}
	keep := func(kept func(key string) bool) *detect.Detector {
		result := own
		result.Rules = map[string]config.Rule{}
		for id, rule := range own.Rules {
			rule.Allowlists = only(rule.Allowlists, func(a *config.Allowlist) bool { return kept(id + identity(a)) })
			result.Rules[id] = rule
		}
		result.Allowlists = only(own.Allowlists, func(a *config.Allowlist) bool { return kept(identity(a)) })
		return detect.NewDetector(result)
	}
	bare := keep(func(string) bool { return false })
	withOwn := keep(func(key string) bool { return !theirs[key] })
	withAll := keep(func(string) bool { return true })
	judgement.Allowlists = len(withOwn.Config.Allowlists)
	for _, rule := range withOwn.Config.Rules {
		judgement.Allowlists += len(rule.Allowlists)
	}
	for _, detector := range []*detect.Detector{withOwn, withAll} {
		if _, err := os.Stat(".gitleaksignore"); err == nil {
			must(0, detector.AddGitleaksIgnore(".gitleaksignore"))
		}
	}
	must(0, filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		fragment := detect.Fragment{Raw: string(must(os.ReadFile(path))), FilePath: filepath.ToSlash(path), StartLine: 1}
		kept, keptByAll := reported(withOwn, fragment), reported(withAll, fragment)
		for _, found := range bare.Detect(fragment) {
			judgement.Verdicts = append(judgement.Verdicts, Verdict{
				Path: found.File, Rule: found.RuleID, Secret: found.Secret, Line: found.StartLine,
				Reported: kept[place(found)], ReportedByAll: keptByAll[place(found)],
			})
		}
		return nil
	}))
	must(0, json.NewEncoder(os.Stdout).Encode(judgement))
}

func place(found report.Finding) string {
	return fmt.Sprintf("%s %s %d", found.RuleID, found.Secret, found.StartLine)
}

// What a detector reports of a file, .gitleaksignore included.
func reported(detector *detect.Detector, fragment detect.Fragment) map[string]bool {
	before := len(detector.Findings())
	for _, found := range detector.Detect(fragment) {
		detector.AddFinding(found)
	}
	places := map[string]bool{}
	for _, found := range detector.Findings()[before:] {
		places[place(found)] = true
	}
	return places
}

func only(allowlists []*config.Allowlist, kept func(*config.Allowlist) bool) []*config.Allowlist {
	var result []*config.Allowlist
	for _, allowlist := range allowlists {
		if kept(allowlist) {
			result = append(result, allowlist)
		}
	}
	return result
}

// What an allowlist says, to know it again.
func identity(a *config.Allowlist) string {
	return fmt.Sprint(a.Description, a.MatchCondition, len(a.Commits), a.Paths, a.RegexTarget, a.Regexes, len(a.StopWords))
}

func contains(list []string, item string) bool {
	for _, other := range list {
		if other == item {
			return true
		}
	}
	return false
}

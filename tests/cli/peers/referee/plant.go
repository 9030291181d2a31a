package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
)

// At most this many files a tree, and words a file.
const (
	filesEach = 60
	wordsEach = 14
)

// What a config has to say of, so that something of it is planted.
type Said struct {
	paths, words []string
	// What one list says of paths and of words.
	together []Together
}

// A Together is a list in which both must hold, perhaps.
type Together struct{ paths, words []string }

func said(configPath string) (Said, error) {
	viper.Reset()
	viper.SetConfigType("toml")
	viper.SetConfigFile(configPath)
	var result Said
	if err := viper.ReadInConfig(); err != nil {
		return result, err
	}
	var read config.ViperConfig
	if err := viper.Unmarshal(&read); err != nil {
		return result, err
	}
	add := func(paths, regexes, stopwords []string) {
		words := append([]string{}, stopwords...)
		for _, regex := range regexes {
			words = append(words, samples(regex)...)
		}
		result.paths = append(result.paths, paths...)
		result.words = append(result.words, words...)
		if len(paths) > 0 && len(words) > 0 {
			result.together = append(result.together, Together{paths, words})
		}
	}
	if read.AllowList != nil {
		add(read.AllowList.Paths, read.AllowList.Regexes, read.AllowList.StopWords)
	}
	for _, list := range read.Allowlists {
		add(list.Paths, list.Regexes, list.StopWords)
	}
	for _, rule := range read.Rules {
		if rule.AllowList != nil {
			add(rule.AllowList.Paths, rule.AllowList.Regexes, rule.AllowList.StopWords)
		}
		for _, list := range rule.Allowlists {
			add(list.Paths, list.Regexes, list.StopWords)
		}
		if rule.Path != "" {
			result.paths = append(result.paths, rule.Path)
		}
	}
	return result, nil
}

// The words that a list has which speaks of a path, too.
func (said Said) wordsAt(path string) []string {
	var words []string
	for _, list := range said.together {
		for _, pattern := range list.paths {
			if regex, err := regexp.Compile(pattern); err == nil && regex.MatchString(path) {
				words = append(words, list.words...)
				break
			}
		}
	}
	return words
}

// The paths to plant at: those that the config speaks of, and others of the repository.
func pathsToPlant(there []string, patterns []string) []string {
	chosen, seen := []string{}, map[string]bool{}
	take := func(path string) {
		if isPath(path) && !seen[path] && len(chosen) < filesEach && !strings.Contains(path, "leaks.toml") {
			seen[path] = true
			chosen = append(chosen, path)
		}
	}
	for _, pattern := range patterns {
		for _, sample := range samples(pattern) {
			sample = strings.TrimLeft(sample, "/")
			if strings.HasSuffix(sample, "/") {
				sample += "x"
			}
			take(sample)
			take("other/" + sample + ".txt")
		}
		regex, err := regexp.Compile(pattern)
		if err != nil {
			continue
		}
		matching := 0
		for _, path := range there {
			if matching < 3 && regex.MatchString(path) {
				take(path)
				matching++
			}
		}
		if len(chosen) > filesEach*2/3 {
			break
		}
	}
	step := max(1, len(there)/max(1, filesEach-len(chosen)))
	for at := 0; at < len(there); at += step {
		take(there[at])
	}
	return chosen
}

// A value that was planted.
type Planted struct {
	path, value  string
	line, column int
}

const (
	base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)

// Characters at random, the same in every run.
func random(source *rand.Rand, alphabet string, length int) string {
	text := make([]byte, length)
	for at := range text {
		text[at] = alphabet[source.IntN(len(alphabet))]
	}
	return string(text)
}

// A value of so many characters that holds word, if it can.
func around(source *rand.Rand, word, alphabet string, length int) string {
	value := random(source, alphabet, length)
	if word == "" || len(word) > length*2/3 || strings.Trim(word, alphabet) != "" {
		return value
	}
	at := source.IntN(length - len(word) + 1)
	return value[:at] + word + value[at+len(word):]
}

func isName(word string) bool {
	return word != "" && len(word) < 20 && strings.Trim(strings.ToLower(word), "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// Plants values of one kind below folder, and tells which.
func plant(folder string, kind string, paths []string, said Said) []Planted {
	hash := fnv.New64a()
	fmt.Fprint(hash, kind, len(paths), said.words)
	source := rand.New(rand.NewPCG(hash.Sum64(), 8))
	var planted []Planted
	for _, path := range paths {
		full := filepath.Join(folder, filepath.FromSlash(path))
		if os.MkdirAll(filepath.Dir(full), 0o755) != nil {
			continue
		}
		var text strings.Builder
		line := 0
		write := func(value, format string, arguments ...any) {
			line++
			written := fmt.Sprintf(format, arguments...)
			fmt.Fprintln(&text, written)
			if value != "" {
				planted = append(planted, Planted{path, value, line, strings.Index(written, value) + 1})
			}
		}
		write("", "settings of %s", "a service")
		chosen := append([]string{""}, some(source, said.words)...)
		chosen = append(chosen, some(source, said.wordsAt(path))...)
		for _, word := range chosen {
			comment := ""
			if word != "" && !strings.ContainsAny(word, "\r\n") {
				comment = "  # " + word
			}
			switch kind {
			case "ids":
				id := "AKIARZPUZDIK" + random(source, base32[:16], 1) + random(source, base32, 7)
				write(id, "aws_access_key_id = %s%s", id, comment)
				inside := "AKIARZPUZDIK" + around(source, strings.ToUpper(word), base32, 8)
				write(inside, "%s: %s", "key_id", inside)
			case "secrets":
				secret := random(source, base64, 40)
				write(secret, "aws_secret_access_key = \"%s\"%s", secret, comment)
				inside := around(source, word, base64, 40)
				write(inside, "AWS_SECRET_ACCESS_KEY=%s", inside)
				if isName(word) {
					named := random(source, base64, 40)
					write(named, "%s_aws_secret_access_key = \"%s\"", word, named)
				}
			}
		}
		if os.WriteFile(full, []byte(text.String()), 0o644) != nil {
			for len(planted) > 0 && planted[len(planted)-1].path == path {
				planted = planted[:len(planted)-1]
			}
		}
	}
	return planted
}

// Some of the words, each as often as any other.
func some(source *rand.Rand, words []string) []string {
	if len(words) <= wordsEach {
		return words
	}
	var chosen []string
	for _, at := range source.Perm(len(words))[:wordsEach] {
		chosen = append(chosen, words[at])
	}
	return chosen
}

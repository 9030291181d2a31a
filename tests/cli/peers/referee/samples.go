package main

import (
	"regexp/syntax"
	"strings"
)

// At most this many texts for an expression.
const samplesEach = 6

// Texts that an expression matches, as far as that is simple.
func samples(expression string) []string {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	return texts(parsed.Simplify())
}

func texts(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCharClass:
		return []string{string(member(re.Rune))}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []string{"x"}
	case syntax.OpCapture, syntax.OpPlus:
		return texts(re.Sub[0])
	case syntax.OpStar, syntax.OpQuest:
		return cut(append([]string{""}, texts(re.Sub[0])...))
	case syntax.OpRepeat:
		one := texts(re.Sub[0])
		result := []string{""}
		for range re.Min {
			result = join(result, one)
		}
		return result
	case syntax.OpConcat:
		result := []string{""}
		for _, sub := range re.Sub {
			result = join(result, texts(sub))
		}
		return result
	case syntax.OpAlternate:
		var result []string
		for _, sub := range re.Sub {
			result = append(result, texts(sub)...)
		}
		return cut(result)
	default:
		return []string{""}
	}
}

// Every start with every end, as far as the number stays small.
func join(starts, ends []string) []string {
	var result []string
	for at, start := range starts {
		for other, end := range ends {
			if len(ends) == 1 || len(starts) == 1 || at == other || other == 0 {
				result = append(result, start+end)
			}
		}
	}
	return cut(result)
}

func cut(list []string) []string {
	if len(list) > samplesEach {
		return list[:samplesEach]
	}
	return list
}

// A member of a class, a letter or digit if there is one.
func member(ranges []rune) rune {
	for _, wanted := range "xX7a_-./ " {
		for at := 0; at < len(ranges); at += 2 {
			if ranges[at] <= wanted && wanted <= ranges[at+1] {
				return wanted
			}
		}
	}
	return ranges[0]
}

// Is this a path that a file can have, below a folder?
func isPath(path string) bool {
	if path == "" || len(path) > 150 || strings.ContainsAny(path, "\x00\n\r\\:*?\"<>|") {
		return false
	}
	for _, part := range strings.Split(path, "/") {
		if part == "" || part == "." || part == ".." || part == ".git" || strings.TrimSpace(part) != part {
			return false
		}
	}
	return true
}

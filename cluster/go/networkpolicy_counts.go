// What was dropped stays counted when the rules are written anew: by itself the kernel begins at zero with each rule it is given.
package main

import (
	"slices"
	"strings"
)

// withCounts gives each dropping rule the counts of the one that it replaces, as iptables-save printed it with its counters.
// Packets between the look and the writing are lost for the counts, not for the rules.
func withCounts(rules string, saved string) string {
	counts := map[string]string{}
	for line := range strings.Lines(saved) {
		if count, rule, isCounted := strings.Cut(line, " "); isCounted && dropped(rule) != "" {
			counts[dropped(rule)] = count + " "
		}
	}
	var counted strings.Builder
	for line := range strings.Lines(rules) {
		counted.WriteString(counts[dropped(line)] + line)
	}
	return counted.String()
}

// dropped names a dropping rule by its chain and pod, alike in what is written and what is read; any other rule has no name.
func dropped(rule string) string {
	words := strings.Fields(rule)
	comment := slices.Index(words, "--comment")
	if comment < 0 || words[len(words)-1] != "DROP" {
		return ""
	}
	return words[1] + " " + strings.Trim(words[comment+1], `"`)
}

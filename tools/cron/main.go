// What Kubernetes' CronJob controller would do: robfig/cron v3 in the version that Kubernetes uses, and Go's time zones.
// Reads questions from standard input and prints answers; touches nothing else.
package main

import (
	"archive/zip"
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

type question struct {
	Schedule string `json:"schedule"`
	TimeZone string `json:"timeZone"`
	From     int64  `json:"from"`
	Count    int    `json:"count"`
}

func main() {
	var err error
	if len(os.Args) == 2 && os.Args[1] == "zones" {
		err = zones()
	} else {
		err = runs()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cron:", err)
		os.Exit(1)
	}
}

// runs answers each line of JSON with a line: the next runs in seconds since 1970, or null for a schedule that is refused.
func runs() error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		if err := out.Encode(next(asked)); err != nil {
			return err
		}
	}
	return lines.Err()
}

// next puts schedule and zone together as formatSchedule of the controller does (pkg/controller/cronjob/utils.go).
func next(asked question) []int64 {
	schedule, err := cron.ParseStandard(fmt.Sprintf("TZ=%s %s", asked.TimeZone, asked.Schedule))
	if err != nil {
		return nil
	}
	times := []int64{}
	for at := time.Unix(asked.From, 0).UTC(); len(times) < asked.Count; {
		at = schedule.Next(at)
		if at.IsZero() {
			break
		}
		times = append(times, at.Unix())
	}
	return times
}

// zones prints the name of each time zone that Go carries, but not Factory, which is none.
func zones() error {
	archive, err := zip.OpenReader(filepath.Join(runtime.GOROOT(), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		return err
	}
	defer archive.Close()
	names := []string{}
	for _, file := range archive.File {
		if !strings.HasSuffix(file.Name, "/") && file.Name != "Factory" {
			names = append(names, file.Name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println(name)
	}
	return nil
}

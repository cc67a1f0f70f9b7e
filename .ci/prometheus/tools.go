//go:build tools

// Package tools keeps the deployed Prometheus in go.mod. ../run builds it; its version follows the image in settings.
package tools

import (
	_ "github.com/prometheus/prometheus/cmd/prometheus"
	_ "github.com/prometheus/prometheus/cmd/promtool"
)

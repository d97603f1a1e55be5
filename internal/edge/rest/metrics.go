package rest

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts requests by route, and not by address: addresses hold identifiers.
type metrics struct {
	count *prometheus.CounterVec
	time  *prometheus.HistogramVec
}

// meter is one route's share of them, looked up once.
type meter struct {
	byClass [6]prometheus.Counter // 1xx to 5xx
	time    prometheus.Observer
}

func newMetrics(r *prometheus.Registry) *metrics {
	m := &metrics{
		count: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tandem_http_requests_total", Help: "Requests answered, by route and class of status.",
		}, []string{"method", "route", "status"}),
		time: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tandem_http_request_seconds", Help: "Time to answer, by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route"}),
	}
	r.MustRegister(m.count, m.time)
	return m
}

func (m *metrics) of(method, route string) *meter {
	out := &meter{time: m.time.WithLabelValues(method, route)}
	for i, class := range []string{"", "1xx", "2xx", "3xx", "4xx", "5xx"} {
		if i > 0 {
			out.byClass[i] = m.count.WithLabelValues(method, route, class)
		}
	}
	return out
}

func (m *meter) note(status int, took time.Duration) {
	class := status / 100
	if class < 1 || class > 5 {
		class = 2
	}
	m.byClass[class].Inc()
	m.time.Observe(took.Seconds())
}

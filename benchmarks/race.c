/* Five update rules down Rosenbrock's valley, as plainly as C can say it.
 *
 * Each function writes the start and every iterate to points (x, y a row), and the
 * loss at each to losses. The rules, and where each constant stands, are optim/'s. */

#include <math.h>

static double loss(double x, double y) {
  double across = y - x * x;
  return (1 - x) * (1 - x) + 100 * across * across;
}

static void slope(const double *w, double *g) {
  double across = w[1] - w[0] * w[0];
  g[0] = -2 * (1 - w[0]) - 400 * w[0] * across;
  g[1] = 200 * across;
}

/* Runs `RULE` on each axis i of w and g, once a step t = 1, 2, ... */
#define DESCEND(RULE)                                                     \
  double w[2] = {points[0], points[1]}, g[2], v[2] = {0, 0}, r[2] = {0, 0}; \
  losses[0] = loss(w[0], w[1]);                                           \
  for (int t = 1; t <= steps; t++) {                                      \
    slope(w, g);                                                          \
    for (int i = 0; i < 2; i++) {                                         \
      RULE                                                                \
      points[2 * t + i] = w[i];                                           \
    }                                                                     \
    losses[t] = loss(w[0], w[1]);                                         \
  }                                                                       \
  (void)v, (void)r;

/* h: the hyperparameters, in the order optim/ declares them. */
void gradient_descent(int steps, const double *h, double *points, double *losses) {
  DESCEND(w[i] -= h[0] * g[i];)
}

void momentum(int steps, const double *h, double *points, double *losses) {
  DESCEND(v[i] = h[1] * v[i] - h[0] * g[i]; w[i] += v[i];)
}

void adagrad(int steps, const double *h, double *points, double *losses) {
  DESCEND(r[i] += g[i] * g[i]; w[i] -= h[0] * g[i] / (h[1] + sqrt(r[i]));)
}

void rmsprop(int steps, const double *h, double *points, double *losses) {
  DESCEND(r[i] = h[1] * r[i] + (1 - h[1]) * g[i] * g[i];
          w[i] -= h[0] * g[i] / sqrt(h[2] + r[i]);)
}

void adam(int steps, const double *h, double *points, double *losses) {
  double mean = 1, square = 1;
  DESCEND(if (i == 0) { mean *= h[1]; square *= h[2]; }
          v[i] = h[1] * v[i] + (1 - h[1]) * g[i];
          r[i] = h[2] * r[i] + (1 - h[2]) * g[i] * g[i];
          w[i] -= h[0] * (v[i] / (1 - mean)) / (sqrt(r[i] / (1 - square)) + h[3]);)
}

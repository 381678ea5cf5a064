/* Many runs down Rosenbrock's valley, of each only how it ends.
 *
 * Runs go LANES at a time, so that the compiler keeps them in vectors, and all steps of
 * those before the next. What is noted on the way is what optim/studies notes: the step
 * since which the loss is low enough, the step at which the run went out for good,
 * whether it is near the minimum and since when. The rules are optim/'s, in float32. */

#include <math.h>

#define LANES 64

/* h: the hyperparameters; f: domain, minimum, near squared, target.
 * Runs `SETUP` once a step, then `RULE` on each axis' point w, slope g, and the axis'
 * memories v and r. */
#define STUDY(SETUP, RULE)                                                        \
  for (int k = 0; k < runs; k += LANES) {                                         \
    float x[LANES], y[LANES], a[LANES] = {0}, b[LANES] = {0};                     \
    float c[LANES] = {0}, d[LANES] = {0}, l[LANES];                               \
    int low[LANES], away[LANES] = {0}, near[LANES] = {0}, from[LANES] = {0};      \
    for (int i = 0; i < LANES; i++) {                                             \
      x[i] = xs[k + i], y[i] = ys[k + i], low[i] = -1;                            \
    }                                                                             \
    float p = 1, q = 1;                                                           \
    for (int t = 0; t <= steps; t++) {                                            \
      for (int i = 0; i < LANES; i++) {                                           \
        float across = y[i] - x[i] * x[i], left = 1 - x[i];                       \
        float dx = x[i] - f[4], dy = y[i] - f[5];                                 \
        l[i] = left * left + 100 * across * across;                               \
        int inside = (f[0] <= x[i]) & (x[i] <= f[1]) & (f[2] <= y[i]) &           \
                     (y[i] <= f[3]) & (l[i] < INFINITY);                          \
        int close = dx * dx + dy * dy <= f[6];                                    \
        low[i] = l[i] > f[7] ? -1 : low[i] < 0 ? t : low[i];                      \
        away[i] = inside ? 0 : away[i] ? away[i] : t + 1;                         \
        from[i] = close == near[i] ? from[i] : t;                                 \
        near[i] = close;                                                          \
      }                                                                           \
      if (t == steps) break;                                                      \
      SETUP                                                                       \
      for (int i = 0; i < LANES; i++) {                                           \
        float across = y[i] - x[i] * x[i];                                        \
        float gx = -2 * (1 - x[i]) - 400 * x[i] * across, gy = 200 * across;      \
        RULE(x[i], gx, a[i], b[i])                                                \
        RULE(y[i], gy, c[i], d[i])                                                \
      }                                                                           \
    }                                                                             \
    for (int i = 0; i < LANES; i++) {                                             \
      xs[k + i] = x[i], ys[k + i] = y[i], loss[k + i] = l[i];                     \
      within[k + i] = low[i], gone[k + i] = away[i] - 1;                          \
      arrived[k + i] = near[i] ? from[i] : -1;                                    \
    }                                                                             \
    (void)a, (void)b, (void)c, (void)d, (void)p, (void)q;                         \
  }

#define ARGUMENTS                                                               \
  int runs, int steps, const float *h, const float *f, float *xs, float *ys,    \
      float *loss, int *within, int *gone, int *arrived

#define DESCENT(w, g, v, r) w -= h[0] * g;
void gradient_descent(ARGUMENTS) { STUDY(, DESCENT) }

#define BALL(w, g, v, r) v = h[1] * v - h[0] * g; w += v;
void momentum(ARGUMENTS) { STUDY(, BALL) }

#define SUM(w, g, v, r) r += g * g; w -= h[0] * g / (h[1] + sqrtf(r));
void adagrad(ARGUMENTS) { STUDY(, SUM) }

#define MEAN(w, g, v, r)                \
  r = h[1] * r + (1 - h[1]) * g * g;    \
  w -= h[0] * g / sqrtf(h[2] + r);
void rmsprop(ARGUMENTS) { STUDY(, MEAN) }

#define MOMENTS(w, g, v, r)             \
  v = h[1] * v + (1 - h[1]) * g;        \
  r = h[2] * r + (1 - h[2]) * g * g;    \
  w -= h[0] * (v * m) / (sqrtf(r * s) + h[3]);
void adam(ARGUMENTS) {
  STUDY(p *= h[1]; q *= h[2]; float m = 1 / (1 - p); float s = 1 / (1 - q);, MOMENTS)
}

"""Rules in a few lines, to begin with and to change."""

EXAMPLES: dict[str, str] = {
    "Gradient descent": "w = w - alpha*g",
    "Momentum": "v = beta*v - alpha*g\nw = w + v",
    "Nesterov": "g = grad(w + beta*v)\nv = beta*v - alpha*g\nw = w + v",
    "AdaGrad": "alpha = 0.1\neps = 1e-7\nr = r + g^2\nw = w - alpha*g/(sqrt(r) + eps)",
    "RMSProp": "eps = 1e-6\nr = rho*r + (1 - rho)*g^2\nw = w - alpha*g/sqrt(eps + r)",
    "Adam": "m = beta1*m + (1 - beta1)*g\n"
    "r = beta2*r + (1 - beta2)*g^2\n"
    "w = w - alpha*(m/(1 - beta1^t))/(sqrt(r/(1 - beta2^t)) + eps)",
    "Adam without correction": "m = beta1*m + (1 - beta1)*g\n"
    "r = beta2*r + (1 - beta2)*g^2\n"
    "w = w - alpha*m/(sqrt(r) + eps)",
    "Lion": "beta2 = 0.99\n"
    "u = beta1*m + (1 - beta1)*g\n"
    "m = beta2*m + (1 - beta2)*g\n"
    "w = w - alpha*sign(u)",
    "Sign descent": "w = w - alpha*sign(g)",
    "Normalized gradient": "w = w - alpha*g/(norm(g) + 1e-12)",
    "Polyak step size": "lowest = 0 in -1000..1000\n"
    "s = (f - lowest)/(dot(g, g) + 1e-12)\nw = w - s*g",
    "AdEMAMix": "beta3 = 0.9999 in 0..0.99999\nmix = 5 in 0..20\n"
    "m = beta1*m + (1 - beta1)*g\n"
    "s = beta3*s + (1 - beta3)*g\n"
    "r = beta2*r + (1 - beta2)*g^2\n"
    "w = w - alpha*(m/(1 - beta1^t) + mix*s)/(sqrt(r/(1 - beta2^t)) + eps)",
    "ADOPT": "beta2 = 0.9999\neps = 1e-6\n"
    "u = g/max(sqrt(r), eps)\n"
    "c = max(min(u, (t - 1)^0.25), -(t - 1)^0.25)\n"
    "m = where(t == 1, 0, beta1*m + (1 - beta1)*c)\n"
    "r = where(t == 1, g^2, beta2*r + (1 - beta2)*g^2)\n"
    "w = w - alpha*m",
    "Cautious Adam": "m = beta1*m + (1 - beta1)*g\n"
    "r = beta2*r + (1 - beta2)*g^2\n"
    "u = (m/(1 - beta1^t))/(sqrt(r/(1 - beta2^t)) + eps)\n"
    "mask = where(u*g > 0, 1, 0)\n"
    "w = w - alpha*u*mask/max(dot(mask, mask)/2, 0.001)",
    "Schedule-free SGD": "z = where(t == 1, w, z) - alpha*g\n"
    "x = where(t == 1, z, x*(1 - 1/t) + z/t)\n"
    "w = beta*x + (1 - beta)*z",
    "Newton": "H = hess(w)\nw = w - solve(H, g)",
    "Random search": "sigma = 0.1 in 1e-5..10\np = w + sigma*randn\n"
    "w = w + where(f(p) < f, p - w, 0)",
}
"""By name; the texts as one would type them.

AdEMAMix: Pagliardini, Ablin and Grangier (2024), with the slow mean as the paper's
equation has it, uncorrected, and no warm-up of its settings. ADOPT: Taniguchi et al.
(2024), algorithm 2, with the clipping of its authors' code. Cautious Adam: Liang et al.
(2024), algorithm 1; the mask is divided by its mean, as their code does. Schedule-free
SGD: Defazio et al. (2024); w is the point at which the gradient is taken.
"""

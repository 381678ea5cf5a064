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
    "Newton": "H = hess(w)\nw = w - solve(H, g)",
    "Random search": "sigma = 0.1 in 1e-5..10\np = w + sigma*randn\n"
    "w = w + where(f(p) < f, p - w, 0)",
}
"""By name; the texts as one would type them."""

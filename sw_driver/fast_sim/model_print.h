// The model's output: Verilator prints with this instead of printf, so that the harness gets the text of an
// assertion that does not hold.
#pragma once

int fast_sim_print(const char* format, ...) __attribute__((format(printf, 1, 2)));

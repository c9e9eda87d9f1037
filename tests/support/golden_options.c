/* Options of the reference in the library's words. */
#include "golden_options.h"

#include <string.h>

bool golden_apply_setting(secant_options *options, const golden_setting *setting)
{
  if (strcmp(setting->key, "line_search_fn") == 0) {
    const bool wolfe = setting->text && strcmp(setting->text, "strong_wolfe") == 0;
    options->line_search = wolfe ? SECANT_LINE_SEARCH_STRONG_WOLFE : SECANT_LINE_SEARCH_NONE;
    return true;
  }
  if (strcmp(setting->key, "lr") == 0)
    options->lr = setting->number;
  else if (strcmp(setting->key, "max_iter") == 0)
    options->max_iter = (int64_t)setting->number;
  else if (strcmp(setting->key, "max_eval") == 0)
    options->max_eval = (int64_t)setting->number;
  else if (strcmp(setting->key, "tolerance_grad") == 0)
    options->tolerance_grad = setting->number;
  else if (strcmp(setting->key, "tolerance_change") == 0)
    options->tolerance_change = setting->number;
  else if (strcmp(setting->key, "history_size") == 0)
    options->history_size = (int64_t)setting->number;
  else
    return false;
  return true;
}

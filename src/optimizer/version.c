#include <secant/secant.h>
#include <secant/version.h>

const char *secant_version(void)
{
  return SECANT_VERSION;
}

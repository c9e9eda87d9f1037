#include <secant/version.h>
#include <secant/secant.h>

const char *secant_version(void)
{
  return SECANT_VERSION;
}

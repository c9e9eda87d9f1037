# Installs libraries, headers, the command, and the files by which find_package() finds them.
set(SECANT_CONFIG_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/secant)
set(SECANT_INSTALLED_TARGETS secant)
if(SECANT_WITH_MPI)
  list(APPEND SECANT_INSTALLED_TARGETS secant_mpi)
endif()

install(TARGETS ${SECANT_INSTALLED_TARGETS} EXPORT secant-targets)
install(EXPORT secant-targets NAMESPACE secant:: DESTINATION ${SECANT_CONFIG_DIR})
install(FILES include/secant/array.h include/secant/check_gradient.h include/secant/checkpoint.h include/secant/comm.h include/secant/data_parallel.h include/secant/groups.h include/secant/hooks.h
  include/secant/inspect.h include/secant/minimize.h include/secant/monitor.h include/secant/options.h include/secant/schedule.h include/secant/secant.h
  include/secant/state.h include/secant/status.h include/secant/sum.h ${PROJECT_BINARY_DIR}/include/secant/version.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/secant)
if(SECANT_WITH_MPI)
  install(FILES include/secant/mpi.h include/secant/session.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/secant)
endif()
if(SECANT_BUILD_COMMAND)
  install(TARGETS secant_command)
  install(TARGETS secant_objective EXPORT secant-targets)
  install(FILES include/secant/objective.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/secant)
endif()

configure_package_config_file(cmake/secant-config.cmake.in ${PROJECT_BINARY_DIR}/secant-config.cmake
  INSTALL_DESTINATION ${SECANT_CONFIG_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/secant-config-version.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/secant-config.cmake ${PROJECT_BINARY_DIR}/secant-config-version.cmake
  DESTINATION ${SECANT_CONFIG_DIR})

# Finds what the options ask for. Fills SECANT_CORE_LIBRARIES: what libsecant itself links. HDF5_C_LIBRARIES comes on top for
# whoever links an installed libsecant.
set(SECANT_CORE_LIBRARIES)

if(SECANT_WITH_MPI)
  find_package(MPI REQUIRED COMPONENTS C)
endif()

if(SECANT_WITH_OPENMP)
  find_package(OpenMP REQUIRED COMPONENTS C)
  list(APPEND SECANT_CORE_LIBRARIES OpenMP::OpenMP_C)
endif()

if(SECANT_WITH_HDF5)
  # One process must not hold two flavours of HDF5, so the flavour follows MPI.
  set(HDF5_PREFER_PARALLEL ${SECANT_WITH_MPI})
  find_package(HDF5 REQUIRED COMPONENTS C)
  if(SECANT_WITH_MPI AND NOT HDF5_IS_PARALLEL)
    message(FATAL_ERROR "SECANT_WITH_MPI needs a parallel HDF5 (Debian: libhdf5-openmpi-dev); found a serial one")
  endif()
  add_library(secant_hdf5 INTERFACE IMPORTED GLOBAL)
  target_include_directories(secant_hdf5 INTERFACE ${HDF5_C_INCLUDE_DIRS})
  target_link_libraries(secant_hdf5 INTERFACE ${HDF5_C_LIBRARIES})
  target_compile_definitions(secant_hdf5 INTERFACE ${HDF5_C_DEFINITIONS})
  if(HDF5_IS_PARALLEL)
    find_package(MPI REQUIRED COMPONENTS C) # its header includes that of MPI
    target_link_libraries(secant_hdf5 INTERFACE MPI::MPI_C)
  endif()
  list(APPEND SECANT_CORE_LIBRARIES $<BUILD_INTERFACE:secant_hdf5>)
endif()

if(SECANT_BUILD_COMMAND OR SECANT_BUILD_TESTS)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
endif()
if(SECANT_BUILD_COMMAND)
  find_package(ZLIB REQUIRED)
  pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)
endif()
if(SECANT_BUILD_TESTS)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
endif()

# How every part of HSL is built: standard, warnings, one function a kind of target.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Contraction would make an EMA's bits depend on the CPU.
add_compile_options(-ffp-contract=off -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wno-sign-conversion -Wno-psabi)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # False alarms of GCC 12 in optimised standard-library code.
  add_compile_options(-Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()
# The vector targets we mean: SSE4, AVX2, AVX-512, and the portable fallback below them.
add_compile_definitions("HWY_DISABLED_TARGETS=(HWY_SSSE3|HWY_AVX3_DL)")

set(HSL_SANITIZE "" CACHE STRING "address,undefined or thread")
if(HSL_SANITIZE)
  add_compile_options(-fsanitize=${HSL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${HSL_SANITIZE})
endif()

find_program(HSL_CCACHE ccache)
if(HSL_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${HSL_CCACHE})
endif()
find_program(HSL_MOLD mold)
if(HSL_MOLD AND NOT HSL_SANITIZE)
  add_link_options(-fuse-ld=mold)
endif()

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(pugixml REQUIRED)
find_package(Boost 1.81 REQUIRED)  # headers only: Beast, Asio, JSON, URL

find_package(PkgConfig REQUIRED)
# Headers alone: src/base/highway_targets_simd.cpp has the little that they call.
pkg_check_modules(HWY REQUIRED libhwy)
add_library(hwy INTERFACE)
target_include_directories(hwy SYSTEM INTERFACE ${HWY_INCLUDE_DIRS})
target_compile_options(hwy INTERFACE ${HWY_CFLAGS_OTHER})

# Arrow: an installed one first, then the wheel that ./dev setup put under build/venv.
find_package(Arrow QUIET)
find_package(Parquet QUIET)
add_library(hsl_arrow INTERFACE)
if(Arrow_FOUND AND Parquet_FOUND)
  target_link_libraries(hsl_arrow INTERFACE Arrow::arrow_shared Parquet::parquet_shared)
else()
  execute_process(
    COMMAND ${PROJECT_SOURCE_DIR}/build/venv/bin/python -c
            "import pyarrow as p; print(p.get_include()); print(p.get_library_dirs()[0])"
    OUTPUT_VARIABLE wheel RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(failed)
    message(FATAL_ERROR "Arrow is missing: run ./dev setup, which puts it under build/venv")
  endif()
  string(REPLACE "\n" ";" wheel "${wheel}")
  list(GET wheel 0 HSL_ARROW_INCLUDE)
  list(GET wheel 1 HSL_ARROW_LIBRARIES)
  target_include_directories(hsl_arrow SYSTEM INTERFACE ${HSL_ARROW_INCLUDE})
  target_link_libraries(hsl_arrow INTERFACE ${HSL_ARROW_LIBRARIES}/libarrow.so.2600
    ${HSL_ARROW_LIBRARIES}/libparquet.so.2600)
endif()

# hsl_module(NAME [DIR under src] [DEPS modules] [LIBS libraries])
# Sources are all of src/DIR but *_test.cpp (into NAME_test), *_bench.cpp and *_fuzz.cpp.
# A test suite whose name begins with Long runs under the label long only.
function(hsl_module name)
  cmake_parse_arguments(module "" "DIR" "DEPS;LIBS" ${ARGN})
  if(NOT module_DIR)
    set(module_DIR ${name})
  endif()
  set(dir ${PROJECT_SOURCE_DIR}/src/${module_DIR})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${dir}/*.cpp)
  file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${dir}/*_test.cpp)
  file(GLOB_RECURSE benches CONFIGURE_DEPENDS ${dir}/*_bench.cpp)
  file(GLOB_RECURSE fuzzers CONFIGURE_DEPENDS ${dir}/*_fuzz.cpp)
  list(REMOVE_ITEM sources ${tests} ${benches} ${fuzzers} "")
  list(TRANSFORM module_DEPS PREPEND hsl_)

  add_library(hsl_${name} STATIC ${sources})
  set_target_properties(hsl_${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(hsl_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/embedded)
  target_link_libraries(hsl_${name} PUBLIC ${module_DEPS} ${module_LIBS})

  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE hsl_${name} GTest::gtest_main GTest::gmock)
    hsl_register_test(${name}_test)
  endif()
  if(benches)
    add_executable(${name}_bench ${benches})
    target_link_libraries(${name}_bench PRIVATE hsl_${name} benchmark::benchmark_main)
  endif()
  if(HSL_FUZZ)
    foreach(fuzzer ${fuzzers})
      get_filename_component(fuzz_name ${fuzzer} NAME_WE)
      add_executable(${fuzz_name} ${fuzzer})
      target_link_libraries(${fuzz_name} PRIVATE hsl_${name})
      target_link_options(${fuzz_name} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endfunction()

# Runs a GoogleTest program twice: without the Long suites, and only those under the label long.
# Tests find the repository through HSL_SOURCE_DIR and the program through HSL_PROGRAM.
function(hsl_register_test target)
  set(environment "HSL_SOURCE_DIR=${PROJECT_SOURCE_DIR}" "HSL_PROGRAM=${HSL_PROGRAM_DIR}/hsl"
    "ASAN_OPTIONS=detect_container_overflow=0" "TSAN_OPTIONS=halt_on_error=1")
  add_test(NAME ${target} COMMAND ${target} --gtest_filter=-Long*:*/Long*)
  set_tests_properties(${target} PROPERTIES ENVIRONMENT "${environment}" TIMEOUT 900)
  add_test(NAME ${target}_long COMMAND ${target} --gtest_filter=Long*:*/Long*)
  set_tests_properties(${target}_long PROPERTIES ENVIRONMENT "${environment}" LABELS long
    TIMEOUT 3600)
endfunction()

# hsl_embed(MODULE FILE NAME): the file's bytes as `hsl::embedded::NAME`, in "embedded/NAME.hpp".
function(hsl_embed module file name)
  set(header ${CMAKE_BINARY_DIR}/embedded/embedded/${name}.hpp)
  add_custom_command(OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${PROJECT_SOURCE_DIR}/${file} -DOUTPUT=${header} -DNAME=${name}
            -P ${PROJECT_SOURCE_DIR}/tools/cmake/embed.cmake
    DEPENDS ${PROJECT_SOURCE_DIR}/${file} ${PROJECT_SOURCE_DIR}/tools/cmake/embed.cmake VERBATIM)
  target_sources(hsl_${module} PRIVATE ${header})
endfunction()

# hsl_code_version(MODULE): "version/code_version.hpp", looked at anew in every build.
function(hsl_code_version module)
  set(header ${CMAKE_BINARY_DIR}/embedded/version/code_version.hpp)
  add_custom_target(hsl_code_version_header BYPRODUCTS ${header}
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
            -DOUTPUT=${header} -P ${PROJECT_SOURCE_DIR}/tools/cmake/code_version.cmake VERBATIM)
  add_dependencies(hsl_${module} hsl_code_version_header)
endfunction()

@echo off
rem Starts the tataa.jar beside this script, with the Vector API where the JVM has it.
rem   JAVA_HOME   chooses the JVM, else java of the path
rem   TATAA_OPTS  more options for the JVM, as -Xmx3g
setlocal
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
set "vectors="
if defined JAVA_HOME if exist "%JAVA_HOME%\release" (
  findstr /r /c:"^MODULES=.*jdk\.incubator\.vector" "%JAVA_HOME%\release" >nul && goto vectors
)
"%java%" --list-modules 2>nul | findstr /b "jdk.incubator.vector" >nul && goto vectors
goto start
:vectors
set "vectors=--add-modules jdk.incubator.vector"
:start
"%java%" %vectors% %TATAA_OPTS% -jar "%~dp0tataa.jar" %*
exit /b %errorlevel%

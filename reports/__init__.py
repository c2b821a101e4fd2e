"""What people read: workbooks, pictures and the words of both languages."""
